"""What people use instead, made as well as it can be, and measured in the same run."""
