"""What hops do to frames: a Behaviour of hop.py a file."""
