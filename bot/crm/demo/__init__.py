"""The demo shop: a range, customers with habits, three years of orders, and customers with known stories."""
