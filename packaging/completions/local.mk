# Where the shells look for them below any prefix; Debian's zsh looks in vendor-completions (make install zshcompletiondir=).
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d

dist_zshcompletion_DATA = %D%/_stablefs
dist_fishcompletion_DATA = %D%/stablefs.fish
nodist_bashcompletion_DATA = %D%/stablefs
EXTRA_DIST += %D%/stablefs.bash
CLEANFILES += %D%/stablefs

# bash wants it under the name of the command
%D%/stablefs: %D%/stablefs.bash
	$(AM_V_GEN)$(MKDIR_P) %D% && cp $(srcdir)/%D%/stablefs.bash $@
