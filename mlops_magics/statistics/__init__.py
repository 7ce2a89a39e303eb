"""What do numbers say, and how sure are they?

Arrays in, numbers out: it knows no table, no model and no store.
"""
