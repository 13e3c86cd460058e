"""Files with personal data that leave the portal, and who may download one."""
