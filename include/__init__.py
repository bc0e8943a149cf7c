"""The library of Data Uploader: everything that is neither a DAG nor a web page."""
