"""What the assistant does in the CRM; the only home of rasa_sdk."""
