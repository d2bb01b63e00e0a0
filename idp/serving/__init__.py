"""How an installation is taken into use and run: preparation, processes, their beginning and end.

Owns what must be there before serving, supervision, the web server and the delivery loop. Decides
nothing about people, clients or tokens.
"""
