# A stand-in for libvirt: it says what it sees when it is started.
cat > /etc/systemd/system/libvirtd.service << 'END'
[Unit]
Description=Stand-in for libvirtd
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/python3 /share/guest/client.py list /run/uevent-manager/socket
StandardOutput=file:/run/libvirt-saw
[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload
systemctl --quiet enable libvirtd.service
