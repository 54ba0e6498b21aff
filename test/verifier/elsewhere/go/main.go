package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
)

// Reads tokens, one a line; answers each by its claims, or by a line that begins with "refused".
func main() {
	verifier, err := NewVerifier(context.Background(), os.Args[1], os.Args[2], os.Args[3])
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		claims, err := verifier.Verify(lines.Text())
		if err != nil {
			fmt.Printf("refused %q\n", err)
			continue
		}
		text, _ := json.Marshal(claims)
		fmt.Println(string(text))
	}
}
