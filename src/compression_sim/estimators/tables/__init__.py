"""What can be estimated from: tables of code lengths and of leaves, and the files that hold them."""
