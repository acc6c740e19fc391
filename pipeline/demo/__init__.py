"""An invented prefecture for ``huiying demo``, in which nothing is about a real place or person.

It holds a region file, the posts of its people, and the small web site (a feed, a news list, a forum) that
publishes them as their time comes, for the real spiders to crawl.
"""
