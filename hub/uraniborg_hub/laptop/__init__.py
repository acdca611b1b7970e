"""The platform on one machine: proxy, hub, portal and pools as processes of one supervisor."""
