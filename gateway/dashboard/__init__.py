"""What people and their programs see of the gateway."""
