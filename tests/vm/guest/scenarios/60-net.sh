# Interfaces of every kind that needs no hardware.
scenario=net
load dummy veth bridge bonding macvlan macvtap 8021q tun vxlan
count=$(rounds 50 500)
storm() {
    local name=$1 i=0; shift
    begin "$name"
    while [ $i -lt $count ]; do
        "$@" || { failed "$* failed"; break; }
        i=$((i + 1))
    done
    finish
}
ip link add dummy0 type dummy 2> /dev/null
ip link set dummy0 up

of_bridge() { ip link add br7 type bridge && ip link del br7; }
# busybox's ip takes no number of queues; veth_get_num_queues() makes one for each CPU.
of_veth() { ip link add va7 type veth peer name vb7 && ip link del va7; }
of_bond() { ip link add bond7 type bond && ip link del bond7; }
of_macvtap() { ip link add link dummy0 name macvtap7 type macvtap && ip link del macvtap7; }
of_vlan() { ip link add link dummy0 name vlan7 type vlan id 7 && ip link del vlan7; }
of_rename() { ip link add first7 type dummy && ip link set first7 name second7 && ip link set second7 name first7 && ip link del first7; }
# Who is slower than these sees them: left for a moment.
of_settled() { ip link add br7 type bridge && ip link add link dummy0 name macvtap7 type macvtap && usleep 20000 && ip link del br7 && ip link del macvtap7; }
for each in bridge veth bond macvtap vlan rename settled; do storm net-$each of_$each; done
