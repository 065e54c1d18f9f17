// SPDX-License-Identifier: Apache-2.0
#include "coordinator/server.h"

#include "tests/fakes/status_matchers.h"

namespace penstock::coordinator {
namespace {

using ::testing::HasSubstr;

TEST(Server, NamesThatOnlyLookLikeLoopbackAreNotListenedOn) {
  for (const char* address :
       {"0.0.0.0:7417", "10.0.0.1:7417", "127.evil.example:7417", "localhost.evil.example:1",
        "127.0.0.09:7417", "[::1:7417", "[::2]:7417", ":7417", "7417"}) {
    ServerOptions options;
    options.listen = address;
    EXPECT_THAT(Server::Start(Config(), options, SystemClock(), SystemRandom()),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("only loopback")))
        << address;
  }
}

}  // namespace
}  // namespace penstock::coordinator
