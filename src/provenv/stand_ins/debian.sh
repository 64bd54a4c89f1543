#!/usr/bin/env bash
# The root of a Debian of the suite $SUITE as a tar archive at $1, from the mirrors of this machine, with the settings of the official slim image.
set -euo pipefail

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' | awk '$2 == "bookworm" || $2 == "trixie" { print $1; exit }')
security=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' | awk '$2 ~ /-security$/ { print $1; exit }')
[[ -n $mirror ]] || { echo "apt of this machine names no mirror of Debian" >&2; exit 1; }

sources=("deb [signed-by=$keyring] $mirror $SUITE main")
export CLEAN='DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };'

options=()
if [[ $SUITE == bookworm ]]; then
  options+=(--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --include=usr-is-merged) # else usrmerge comes, and perl with it
fi
if [[ $SUITE == sid ]]; then
  options+=(--aptopt='Acquire::Check-Valid-Until "false"') # a mirror may lag behind the few days for which sid's index is valid
else
  sources+=("deb [signed-by=$keyring] $mirror $SUITE-updates main")
  [[ -z $security ]] || sources+=("deb [signed-by=$keyring] $security $SUITE-security main")
fi

mmdebstrap --quiet --variant=minbase --mode=root \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt=force-unsafe-io \
  --aptopt='Apt::AutoRemove::SuggestsImportant "false"' --aptopt='Acquire::Languages "none"' \
  --aptopt='APT::Install-Recommends "false"' "${options[@]}" \
  --customize-hook='printf "#!/bin/sh\nexit 101\n" >"$1/usr/sbin/policy-rc.d"; chmod 755 "$1/usr/sbin/policy-rc.d"' \
  --customize-hook='sed -i /Install-Recommends/d "$1"/etc/apt/apt.conf.d/99mmdebstrap' \
  --customize-hook='printf "%s\n" "$CLEAN" >"$1/etc/apt/apt.conf.d/docker-clean"' \
  --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin' \
  "$SUITE" "$1" "${sources[@]}"
