"""Tables handed in through a page: a file is dropped, looked at, corrected cell by cell, then collected.

    file ─service.begin─▶ HOME/files/uploads/<id>/ ─checking─▶ verdict ─correct─▶ … ─submit─▶ collect
                                                         ▲                                     │
                                     reading: the file as the ordinary connectors give it, with ◀┘
                                     assigned columns and corrected cells laid over it

The look and the run go through the same reader and the same pass of SQL, so that the page cannot promise
what the run does not keep. The file itself is never changed: it is evidence of what was handed in.
"""
