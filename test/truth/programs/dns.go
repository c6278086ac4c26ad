// Looks up names by Go's own resolver, one after the other. Usage: dns ip4|ip NAME ...
package main

import (
	"context"
	"fmt"
	"net"
	"os"
)

func main() {
	resolver := net.Resolver{PreferGo: true}
	for _, name := range os.Args[2:] {
		found, err := resolver.LookupIP(context.Background(), os.Args[1], name)
		fmt.Println(name, len(found), err)
	}
}
