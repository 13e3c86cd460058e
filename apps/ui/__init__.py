"""What pages of all apps share: who may open one."""
