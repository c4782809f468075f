"""The records of customers, orders and all that hangs on them."""
