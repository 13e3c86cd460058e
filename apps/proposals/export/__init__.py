"""Files with people in them that leave the portal, and who may take one."""
