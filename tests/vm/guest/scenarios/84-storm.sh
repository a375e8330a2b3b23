# More events than the daemon can look at while they come: four who make and remove interfaces, and a change of every device there is.
scenario=storm
count=$(rounds 200 2000)
{ load dummy && [ -x /share/programs/bin/ip ]; } || { skip "no dummy interface, or no ip of iproute2"; return; }
changes() { for file in $(find /sys/devices -name uevent); do echo change > "$file"; done 2> /dev/null; }
each() { seq $count | sed "s/.*/link $1 storm$2-& $3/" | ip -batch -; }
storm() {
    local makers=
    for maker in 1 2 3 4; do each "$1" $maker "$2" > /tmp/makes$maker 2>&1 & makers="$makers $!"; done
    changes
    for maker in $makers; do wait $maker || failed "ip: $(cat /tmp/makes?)"; done
}
begin storm
storm add "type dummy"
until_true 120 settled || failed "the storm does not settle"
storm del
until_true 120 settled || failed "the storm does not settle"
finish
expect "adds of the storm's interfaces" "$(happened '$3 == "add" && $4 == "net" && $5 ~ "/storm"')" = $((4 * count))
expect "removes of the storm's interfaces" "$(happened '$3 == "remove" && $4 == "net" && $5 ~ "/storm"')" = $((4 * count))
say "  $(happened 1) events"
