"""Names of the files in a product's folder."""

DOCUMENT = "product.json"
"""The product's description, as the API gives it."""

VIEW = "view.json"
"""The Bokeh view, as `json_item` gives it."""

FILES = "files"
"""The folder of the files that users download."""
