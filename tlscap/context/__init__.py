"""What is known from elsewhere than packets: key logs."""
