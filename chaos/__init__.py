"""The proof that orders are delivered once, whatever is killed, reset or restarted: proof.py."""
