# shellcheck shell=bash disable=SC2034
# What the scripts need, as Debian 12 package names; sourced by them. Boost is 1.81: Debian's default, 1.74, is too old.

build_packages=(cmake g++ ninja-build libboost1.81-dev libfmt-dev)
example_packages=(
  "${build_packages[@]}" libboost-json1.81-dev libcli11-dev libsqlite3-dev
  libboost-url1.81-dev libhiredis-dev libpq-dev librdkafka-dev
)
# What examples/servers/run starts: Redis, PostgreSQL and its pooler, and Kafka with the means to fetch it.
server_packages=(
  redis-server redis-tools postgresql-15 pgbouncer openssl openjdk-17-jre-headless maven kcat python3
)
test_packages=(
  "${example_packages[@]}" "${server_packages[@]}"
  doctest-dev libboost-context1.81-dev libbenchmark-dev libtrompeloeil-cpp-dev nlohmann-json3-dev rapidjson-dev
  chromium chromium-driver curl fonts-noto-cjk git pkgconf python3 python3-selenium
)
benchmark_packages=(
  "${example_packages[@]}" "${server_packages[@]}" libbenchmark-dev nlohmann-json3-dev rapidjson-dev python3-matplotlib
)
profile_packages=(linux-perf)
clang_packages=(clang-16 libclang-rt-16-dev llvm-16)
fuzz_packages=("${example_packages[@]}" "${clang_packages[@]}" doctest-dev libtrompeloeil-cpp-dev python3)
coverage_packages=(gcovr)
lint_packages=(clang-16 clang-format-16 clang-tidy-16)

# install_packages PACKAGE...: installs those that are missing. With all of them there it needs neither root nor network.
install_packages() {
  local missing=() as_root=()
  local package
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  echo "installing: ${missing[*]}" >&2
  if ! command -v apt-get >/dev/null; then
    echo "this is no Debian system: install the counterparts of these packages by hand" >&2
    return 1
  fi
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      echo "it takes root or sudo; or, as root: apt-get install ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3)
  "${as_root[@]}" update >&2
  # --no-remove: rather fail than take away, say, another Boost that somebody needs.
  "${as_root[@]}" install -y --no-install-recommends --no-remove "${missing[@]}" >&2 </dev/null
}
