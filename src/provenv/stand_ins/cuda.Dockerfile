# Folders, links and environment of NVIDIA's CUDA images, with the CUDA runtime that PyPI carries for the version, and its linker but for `base`; nothing here is a driver.
FROM below AS wheel
ARG CUDA
ARG KIND
RUN --mount=from=conditions,target=/conditions \
    bundle=/conditions/usr/local/share/ca-certificates/provenv.crt; if [ -e $bundle ]; then export PIP_CERT=$bundle; fi; \
    export PIP_CONFIG_FILE=/conditions/etc/pip.conf && \
    set -- "nvidia-cuda-runtime-cu${CUDA%%.*}==$CUDA.*" && \
    if [ $KIND != base ]; then set -- "$@" "nvidia-nvjitlink-cu${CUDA%%.*}==$CUDA.*"; fi && \
    pip install --no-cache-dir --no-deps --only-binary :all: --target /wheel "$@"
FROM root
ARG CUDA
COPY --from=wheel /wheel/nvidia/*/lib/ /usr/local/cuda-$CUDA/targets/x86_64-linux/lib/
RUN home=/usr/local/cuda-$CUDA && ln -s targets/x86_64-linux/lib $home/lib64 && \
    ln -s cuda-$CUDA /usr/local/cuda && ln -s cuda-$CUDA /usr/local/cuda-${CUDA%%.*} && \
    echo "$home/targets/x86_64-linux/lib" >/etc/ld.so.conf.d/000_cuda.conf && \
    printf '/usr/local/nvidia/lib\n/usr/local/nvidia/lib64\n' >/etc/ld.so.conf.d/nvidia.conf && ldconfig
ENV PATH=/usr/local/nvidia/bin:/usr/local/cuda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    LD_LIBRARY_PATH=/usr/local/nvidia/lib:/usr/local/nvidia/lib64 \
    CUDA_VERSION=$CUDA NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
CMD ["/bin/bash"]
