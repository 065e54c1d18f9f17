// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/config.h"

namespace penstock {

// What a process shows of itself.
struct Certificate {
  std::vector<std::string> names;  // its URI and DNS names
  absl::Time begins;
  absl::Time ends;
};

// Whether the three files can be used at `now`, and the certificate in them. Every message names the file and what to
// do. Errors are those of ReadSecretFile for the key; INVALID_ARGUMENT: a file is not named; NOT_FOUND,
// PERMISSION_DENIED: it cannot be read; FAILED_PRECONDITION: it is not PEM, the key is not the certificate's, or the
// certificate is not valid now.
absl::StatusOr<Certificate> CheckTlsFiles(const TlsConfig& files, absl::Time now);

}  // namespace penstock
