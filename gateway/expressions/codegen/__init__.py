"""Tree to Python: each expression becomes the source of one function, compiled once at load.

What a node does is jmespath's; its errors come as Misfit or as Python's own, for the program to
turn into ExpressionFailed. The tree must have passed `checks`. What an expression says gets into
the source as ASCII literals only, and the function reaches nothing but `support.NAMES`.
"""
