"""What waits in the triggerer, a trigger a file."""
