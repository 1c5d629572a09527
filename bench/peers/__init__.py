"""The peers: the same job by hand. None checks anything, so each is as fast as it can be."""
