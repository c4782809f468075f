"""What the shop knows: articles, passages and the search over them."""
