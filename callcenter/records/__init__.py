"""Records of calls as lawyers write them: what they hold, how they are kept and filed."""
