"""What the customer means and how they feel; works on arrays, never encodes."""
