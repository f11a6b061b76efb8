"""What a run shows: one document of it, and the renderers of that document.

`document.Report` holds everything a reader gets to see, with secrets already withheld; text, JSON, Markdown and HTML are
four renderings of it, so that none of them can say what another does not.
"""
