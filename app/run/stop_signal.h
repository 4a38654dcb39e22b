#pragma once

namespace unet {

/// From now on the first SIGINT or SIGTERM only sets a flag; a second one ends the process at once with
/// exit code 130.
void catch_stop_signals();

bool stop_signal_received();

}  // namespace unet
