"""HTTP for every part above: request and response values, their front, what pages share."""
