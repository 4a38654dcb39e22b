# Writes a header with the commit of SOURCE to OUTPUT, if OUTPUT does not contain it already. Run at each build:
# cmake -DSOURCE=... -DOUTPUT=... -P WriteCommit.cmake

set(commit "")
if(EXISTS ${SOURCE}/.git)  # otherwise git would search the parent folders
  # safe.directory: the checkout may belong to another user, e.g. in a container.
  execute_process(COMMAND git -c safe.directory=* -C ${SOURCE} describe --always --dirty --abbrev=8 --exclude=*
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT commit)
  set(commit unknown)
endif()

set(text "#define UNET_COMMIT \"${commit}\"\n")
set(present "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} present)
endif()
if(NOT present STREQUAL text)
  file(WRITE ${OUTPUT} "${text}")
endif()
