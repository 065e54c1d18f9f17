// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock {

// Lets this process open as many files as the system permits it to (setrlimit(2)): the usual 1,024 are too few
// for a coordinator with a thousand workers and its database.
void RaiseOpenFilesLimit();

}  // namespace penstock
