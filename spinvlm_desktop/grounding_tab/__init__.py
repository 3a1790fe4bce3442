"""The tab in which models are measured: do their captions name what is there?"""
