# SPDX-License-Identifier: Apache-2.0
# What is installed where, and the Debian package of it. `./dev deb` builds it; the image is made from it.
include(GNUInstallDirs)

# Made from the command line itself, so that they cannot drift from it. Not part of `all`: only a package needs them.
set(made ${CMAKE_BINARY_DIR}/package)
set(made_files)
set(alert_files ${PROJECT_SOURCE_DIR}/tools/alert_rules.py ${PROJECT_SOURCE_DIR}/k8s/components/monitoring/alerts.yaml)
function(penstock_made name)
  add_custom_command(OUTPUT ${made}/${name} COMMAND ${CMAKE_COMMAND} -E make_directory ${made}
    COMMAND ${ARGN} DEPENDS penstock penstock-manual-page ${alert_files} VERBATIM)
  set(made_files ${made_files} ${made}/${name} PARENT_SCOPE)
endfunction()
penstock_made(penstock sh -c "\"$0\" completion bash >\"$1\"" $<TARGET_FILE:penstock> ${made}/penstock)
penstock_made(_penstock sh -c "\"$0\" completion zsh >\"$1\"" $<TARGET_FILE:penstock> ${made}/_penstock)
penstock_made(penstock.fish sh -c "\"$0\" completion fish >\"$1\"" $<TARGET_FILE:penstock> ${made}/penstock.fish)
penstock_made(penstock.yaml sh -c "\"$0\" config example >\"$1\"" $<TARGET_FILE:penstock> ${made}/penstock.yaml)
penstock_made(penstock.1.gz
  sh -c "\"$0\" | gzip -9n >\"$1\"" $<TARGET_FILE:penstock-manual-page> ${made}/penstock.1.gz)
penstock_made(alerts.yaml sh -c "\"$0\" >\"$1\"" ${PROJECT_SOURCE_DIR}/tools/alert_rules.py ${made}/alerts.yaml)
# Asked of the programs and of the compiler's notes.
add_custom_command(OUTPUT ${made}/sbom.spdx.json COMMAND ${CMAKE_COMMAND} -E make_directory ${made}
  COMMAND sh -c "\"$0\" \"$1\" \"$2\" >\"$3\"" ${PROJECT_SOURCE_DIR}/tools/sbom.py ${CMAKE_BINARY_DIR} ${PROJECT_VERSION}
    ${made}/sbom.spdx.json
  DEPENDS penstock penstock-coordinator penstock-worker penstock-sandbox ${PROJECT_SOURCE_DIR}/tools/sbom.py VERBATIM)
list(APPEND made_files ${made}/sbom.spdx.json)
add_custom_target(package_files DEPENDS ${made_files} penstock-coordinator penstock-worker penstock-sandbox)

# `cmake --install` and cpack take what is built; they do not build the tests first.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY TRUE)
foreach(program penstock penstock-coordinator penstock-worker penstock-sandbox)
  # No address of a library's function can be written over later. (Position independent they are by Debian's compiler.)
  target_link_options(${program} PRIVATE -Wl,-z,relro,-z,now)
endforeach()
install(TARGETS penstock penstock-coordinator penstock-worker penstock-sandbox DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${made}/penstock DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${made}/_penstock DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${made}/penstock.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES ${made}/penstock.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${made}/penstock.yaml ${made}/alerts.yaml k8s/components/monitoring/dashboard.json
  DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(FILES README.md packaging/debian/copyright ${made}/sbom.spdx.json DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md")
install(FILES packaging/systemd/penstock-coordinator.service packaging/systemd/penstock-worker.service
  DESTINATION lib/systemd/system)
# The configuration is the operator's to write; secrets are root's alone.
install(DIRECTORY DESTINATION /etc/penstock
  DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
install(DIRECTORY DESTINATION /etc/penstock/secrets DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME penstock)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The Penstock authors <penstock@example.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "copies what the Moveworks Data API exports into a warehouse")
set(CPACK_PACKAGE_DESCRIPTION
"The whole history that the API still has, then every day after, within the
requests a minute that it allows, without losing a row. Loads SQLite,
PostgreSQL, Snowflake and SQL Server. As one command, or as a coordinator and
workers under systemd.")
set(CPACK_STRIP_FILES TRUE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS TRUE)
# Certificates to trust, and time zones for schedules: libraries do not ask for these.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "ca-certificates, tzdata")
# Drivers for SQL Server. Microsoft's is not in Debian.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "tdsodbc, sqlite3, postgresql-client")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/packaging/debian/postinst
  ${PROJECT_SOURCE_DIR}/packaging/debian/prerm ${PROJECT_SOURCE_DIR}/packaging/debian/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION TRUE)
include(CPack)
