// net/http. Usage: server PORT LOG [CERT KEY]
package main

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

func now() float64 { return float64(time.Now().UnixNano()) / 1e6 }

func main() {
	files := map[string]string{"small": strings.Repeat("s", 200), "large": strings.Repeat("l", 102400)}
	log, err := os.OpenFile(os.Args[2], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		panic(err)
	}
	var mutex sync.Mutex
	handler := func(w http.ResponseWriter, r *http.Request) {
		start := now()
		io.Copy(io.Discard, r.Body)
		body, found := files[r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]]
		status := 200
		if !found {
			status, body = 404, "nothing here"
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		sent := 0
		if r.Method != "HEAD" {
			sent, _ = io.WriteString(w, body)
		}
		w.(http.Flusher).Flush()
		line, _ := json.Marshal(map[string]interface{}{
			"path": r.URL.Path, "method": r.Method, "status": status, "start": start, "end": now(), "bytes": sent,
		})
		mutex.Lock()
		defer mutex.Unlock()
		log.Write(append(line, '\n'))
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	fmt.Println("ready")
	// No HTTP/2.
	server := http.Server{
		Handler:      http.HandlerFunc(handler),
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
	}
	if len(os.Args) > 4 {
		panic(server.ServeTLS(listener, os.Args[3], os.Args[4]))
	}
	panic(server.Serve(listener))
}
