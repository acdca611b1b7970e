"""The end of labs that nobody uses: what counts as use, who tells the hub, and when the user is warned."""
