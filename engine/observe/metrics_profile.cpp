// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/metrics_profile.h"

#include <algorithm>
#include <array>

namespace nodetune {
namespace {

using namespace std::string_view_literals;

constexpr std::array kBesuFlags = {"--metrics-port"sv};
constexpr std::array kEthrexFlags = {"--metrics.port"sv};
constexpr std::array kNethermindFlags = {"--metrics.exposeport"sv, "--metrics-exposeport"sv};
constexpr std::array kRethFlags = {"--metrics"sv};
constexpr std::array kSubstrateFlags = {"--prometheus-port"sv};
constexpr std::array kElectrsFlags = {"--monitoring-addr"sv};

constexpr std::array kMetricsProfiles = {
    MetricsProfile{
        .client = "Besu",
        .port = 9545,
        .port_flags = kBesuFlags,
        .enable = "--metrics-enabled --metrics-category=KVSTORE_ROCKSDB,KVSTORE_ROCKSDB_STATS",
        // Giving categories replaces the default ones.
        .statistics = "--metrics-category=KVSTORE_ROCKSDB,KVSTORE_ROCKSDB_STATS (beside the "
                      "categories wanted already; Besu says that they cost some speed)"},
    MetricsProfile{.client = "ethrex",
                   .port = 9090,
                   .port_flags = kEthrexFlags,
                   .enable = "a build with the feature 'metrics' and --metrics",
                   .statistics = "ETHREX_ROCKSDB_STATISTICS=1 in its environment"},
    MetricsProfile{.client = "Nethermind",
                   .port_flags = kNethermindFlags,  // serves none unless told where
                   .enable = "--Metrics.Enabled true --Metrics.ExposePort 9091",
                   .statistics =
                       "--Db.EnableDbStatistics true --Db.EnableMetricsUpdater true (they follow "
                       "Db.StatsDumpPeriodSec: 600 s)",
                   .several_databases = true,
                   .caches_add_up = true},
    MetricsProfile{.client = "NEAR",
                   .port = 3030,
                   .statistics = "store.enable_statistics = true in config.json",
                   .caches_add_up = true},
    MetricsProfile{.client = "Reth",
                   .port = 9001,
                   .port_flags = kRethFlags,
                   .enable = "--metrics 127.0.0.1:9001",
                   .lacks = "Reth's metrics tell of memtables and pending compaction, not of the "
                            "block cache"},
    MetricsProfile{.client = "Substrate/Polkadot",
                   .port = 9615,
                   .port_flags = kSubstrateFlags,
                   .lacks = "Its metrics do not tell of RocksDB",
                   .several_databases = true},
    MetricsProfile{.client = "Polkadot (parachains)",
                   .port = 9615,
                   .port_flags = kSubstrateFlags,
                   .lacks = "Its metrics do not tell of RocksDB",
                   .several_databases = true},
    MetricsProfile{.client = "Zebra",
                   .port = 9999,
                   .enable = "a build with the feature 'prometheus' and endpoint_addr = "
                             "\"127.0.0.1:9999\" below [metrics] in zebrad.toml",
                   .lacks = "Zebra's metrics tell of memtables and compactions, not of the block "
                            "cache's hits"},
    MetricsProfile{.client = "Sui",
                   .port = 9184,
                   .lacks = "Sui's metrics tell of each column family's memory, not of the block "
                            "cache's hits",
                   .several_databases = true},
    MetricsProfile{.client = "Aptos",
                   .port = 9101,
                   .statistics = "storage.rocksdb_configs.<db>_config.stats_level (newer releases)",
                   .several_databases = true},
    MetricsProfile{.client = "electrs",
                   .port = 4224,
                   .port_flags = kElectrsFlags,
                   .lacks = "electrs tells of RocksDB's properties, not of the block cache's hits"},
    MetricsProfile{.client = "Agave", .lacks = "Agave serves none"},
    MetricsProfile{.client = "Fulcrum", .lacks = "Fulcrum serves none in this form"},
};

}  // namespace

const MetricsProfile* metrics_profile(std::string_view client) {
  const auto found = std::find_if(kMetricsProfiles.begin(), kMetricsProfiles.end(),
                                  [client](const auto& each) { return each.client == client; });
  return found == kMetricsProfiles.end() ? nullptr : &*found;
}

}  // namespace nodetune
