"""What pages of every room are made of: tables, the search over everything, figures, charts, maps, progress.

The room stands low so that every other may use it. It knows no data: a room declares what it shows, and gets
the page's piece with its states, its address and its export. The frame around a page is the portal's.
"""
