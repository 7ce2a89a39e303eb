"""How does a notebook speak to a workspace? One file a magic, each thin."""
