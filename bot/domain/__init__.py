"""The words of the assistant: values without I/O."""
