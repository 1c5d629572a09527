"""Tree to Python: each expression becomes the source of one function, compiled once at load.

What a node does is jmespath's; its errors come as Misfit or as Python's own, for the program to
turn into ExpressionFailed. The tree must have passed `checks`. Nothing of the expression's text gets
into the source but as an ASCII literal, and the function reaches nothing but `support.NAMES`.
"""
