"""The whole MLOps loop inside one notebook."""
